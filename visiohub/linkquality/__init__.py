"""What is known of the venues' access lines: probes, estimates, grades, budgets.

Shared by the hub and the kiosk: the pure modules here need the extra of neither.

Probes: `stamp`, `tlv`, `window`, `sender`, `reflector` (STAMP), `delays` (what it says), `voice`
(how a call would sound), `train`, `frame`, `capacity`, `fit`, `verdict` (packet trains).
On demand: `ndt7`, `tickets` (who may), `responsiveness`.
Knowing: `emodel`, `baseline`, `grading`, `grader`, `counters`, `signatures`, `modem` (what a modem
says), `modem_tables`, `modem_columns`, `modem_values` (where its MIBs have it), `modem_agents`
(where agents have it otherwise), `contract` (a month beside what was agreed).
Using: `cells` (rates on the wire), `budget` (calls, bookings), `ledger` (octets spent on probes).
"""
