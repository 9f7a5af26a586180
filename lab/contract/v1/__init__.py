"""Generated from proto/lab/contract/v1 by `make proto`; never edited by hand."""
