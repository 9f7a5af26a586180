"""Ways to services that cannot be; the messages are below ``tests/rejected``."""

from tests.unit.lab.topology.labs import messages

NETWORKS = """
cloud:
  storageAccounts: [{name: acct, address: 203.0.113.50}]
  virtualNetworks:
    - name: one
      addressPrefixes: [10.0.0.0/16]
      subnets: [{name: a, addressPrefix: 10.0.0.0/24%s}]
    - name: two
      addressPrefixes: [10.0.0.0/16]
      subnets: [{name: a, addressPrefix: 10.0.0.0/24%s}]
"""
ENABLED = ", serviceEndpoints: [{service: Microsoft.Storage}]"


def test_networks_may_overlap_as_long_as_one_of_them_goes_by_the_internet() -> None:
    assert messages(cloud=NETWORKS % (ENABLED, "")) == []
    assert len(messages(cloud=NETWORKS % (ENABLED, ENABLED))) == 1


def test_an_account_is_not_missed_while_it_is_broken() -> None:
    cloud = (
        (NETWORKS % ("", "")).replace("acct,", "A,")
        + """
  privateEndpoints:
    - name: pe
      subnet: one/a
      privateLinkServiceConnections: [{privateLinkServiceId: acct, groupIds: [blob]}]
"""
    )
    assert all("does not exist" not in each for each in messages(cloud=cloud))
