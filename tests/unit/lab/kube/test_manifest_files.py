"""Manifest files: documents, lists, kinds and fields."""

import pytest

from lab.kube.manifest_files import read
from lab.topology.sources import SourceFile
from tests.unit.lab.kube.manifest_sources import DEPLOYMENT, messages, objects, pod

EXPORTED = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations: {deployment.kubernetes.io/revision: "1"}
  creationTimestamp: "2021-09-01T10:00:00Z"
  generation: 2
  labels: {app: nginx}
  managedFields:
    - {apiVersion: apps/v1, fieldsType: FieldsV1, fieldsV1: {"f:spec": {"f:replicas": {}}}}
  name: nginx
  namespace: default
  resourceVersion: "4711"
  uid: 6d3f4b1c-0000-0000-0000-000000000000
spec:
  progressDeadlineSeconds: 600
  replicas: 3
  revisionHistoryLimit: 10
  selector: {matchLabels: {app: nginx}}
  strategy:
    rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}
    type: RollingUpdate
  template:
    metadata:
      creationTimestamp: null
      labels: {app: nginx}
    spec:
      affinity: {}
      automountServiceAccountToken: false
      containers:
        - image: nginx:1.25
          imagePullPolicy: Always
          name: nginx
          resources: {limits: {cpu: 500m, memory: 128Mi}, requests: {cpu: 100m}}
          livenessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 3}
          readinessProbe: {tcpSocket: {port: http}}
          securityContext: {runAsNonRoot: true}
          volumeMounts: [{name: html, mountPath: /usr/share/nginx/html}]
          ports: [{containerPort: 80, name: http, protocol: TCP}]
          env: [{name: MODE, value: fast}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
          terminationMessagePath: /dev/termination-log
          terminationMessagePolicy: File
      dnsPolicy: ClusterFirst
      initContainers: [{name: wait, image: busybox, command: [sleep, "1"]}]
      nodeSelector: {kubernetes.io/os: linux}
      restartPolicy: Always
      schedulerName: default-scheduler
      securityContext: {}
      serviceAccountName: default
      terminationGracePeriodSeconds: 30
      tolerations: [{key: a, operator: Exists}]
      topologySpreadConstraints: [{maxSkew: 1}]
      volumes: [{name: html, emptyDir: {}}]
status: {availableReplicas: 3}
"""  # noqa: E501


def test_what_kubectl_exports_loads_as_it_is() -> None:
    assert messages(EXPORTED) == []


def test_what_kubectl_creates_loads_as_it_is() -> None:
    """`kubectl create deployment --dry-run=client -o yaml` writes nulls and empty mappings."""
    created = DEPLOYMENT.replace(
        "metadata: {name: nginx}", "metadata: {name: nginx, labels: null, creationTimestamp: null}"
    ).replace("          image: nginx\n", "          image: nginx\n          resources: {}\n")

    assert messages(f"{created}          ports: null\n        \nstatus: {{}}\n") == []


def test_a_file_holds_any_number_of_documents() -> None:
    found = objects(f"---\n{DEPLOYMENT}---\n---\n# nothing\n{pod()}")

    assert [type(each).__name__ for each in found.objects] == ["Deployment", "Pod"]


def test_a_list_stands_for_its_items() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        f"- {{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, "
        "spec: {containers: [{name: c, image: i}]}}\n"
        for name in ("a", "b")
    )

    assert [each.metadata.name for each in objects(text).pods] == ["a", "b"]


def test_json_is_a_manifest() -> None:
    assert objects('{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}').objects


def test_anchors_and_merge_keys_work_in_manifests() -> None:
    text = """
apiVersion: v1
kind: List
items:
  - &pod
    apiVersion: v1
    kind: Pod
    metadata: {name: first}
    spec: &spec {containers: [{name: c, image: i}]}
  - <<: *pod
    metadata: {name: second}
"""

    assert [each.metadata.name for each in objects(text).pods] == ["first", "second"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kind: Pod\nmetadata: {name: a}\n", "the object has no apiVersion"),
        ("metadata: {name: a}\n", "the object has no apiVersion and no kind"),
        ("- a\n", "the manifest holds no Kubernetes object here, which is a mapping"),
        ("", "the manifest is empty"),
        (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
            "objects of kind 'Secret' ('v1') are not supported",
        ),
        (
            "apiVersion: apps/v1beta2\nkind: Deployment\nmetadata: {name: a}\n",
            "Deployment of apiVersion 'apps/v1beta2' is not supported",
        ),
        ("apiVersion: v1\nkind: [Pod]\n", "objects of kind ['Pod'] ('v1') are not supported"),
    ],
)
def test_what_is_no_object_of_a_lab(text: str, message: str) -> None:
    assert messages(text) == [message]


def test_a_misspelt_field_is_refused_wherever_it_is() -> None:
    text = DEPLOYMENT.replace("replicas", "replica").replace("image:", "imgae:")

    assert messages(text) == [
        "unknown key 'replica' in spec",
        "unknown key 'imgae' in spec.template.spec.containers[nginx]",
    ]


def test_one_bad_object_does_not_hide_the_others() -> None:
    source = SourceFile(
        path="m.yaml", content=f"{pod('a')}{pod('b', spec='nodName: x')}{pod('c')}".encode()
    )

    found = read(source)

    assert len(found.objects) == 2
    assert len(found.problems) == 1
    assert found.incomplete


def test_lines_are_those_of_the_file_even_in_later_documents() -> None:
    source = SourceFile(path="m.yaml", content=f"{pod()}{pod('b', spec='zzz: 1')}".encode())

    (problem,) = read(source).problems

    assert str(problem.location) == "m.yaml:10"
