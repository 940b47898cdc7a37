"""The test kit: apply a Terraform root to a local cloud, and talk to the hub and the spokes that it deployed.

- `roots`: copy a Terraform root to a folder of its own (`copy_root`).
- `installation`: `Hub` and `Spoke`, an applied module by its public interface (outputs, bus, queues, tables, logs).
- `events`: details of results, failures and runs, and `Event`, which is recognized wherever it ends up.
- `ledger`: `Ledger` counts what was sent and what arrived, and says where the two differ.
- `traffic`: `Traffic` sends, records and redrives the events of a hub and its spokes, and enters them in a ledger.
- `misconfigure`: context managers that break one thing of an installation and restore it.
- `waiting`: `eventually`.
- `pair`: `Pair`, the world of tests/worlds/pair, for the tests and for the soak.

The soak (`ds_dashboard_dev.soak`) and the tests use it. Helpers that only tests need are in tests/support.
"""
