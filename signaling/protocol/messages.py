"""Every message of the exchange, and who sends which. PROTOCOL.md is the norm; §n points into it.

K is a kiosk, B a staff browser, H the hub. A message is one JSON object in one WebSocket text
frame of at most 64 KiB (limits.py), told apart by `type`.
"""

from __future__ import annotations

from signaling.protocol.in_call import (
    AgentDevices,
    Answer,
    Candidate,
    Changed,
    Ended,
    HangUp,
    Media,
    Negotiate,
    Offer,
    Renegotiate,
    Report,
    Say,
    Subscribe,
)
from signaling.protocol.line import (
    CallBeside,
    CallBudget,
    CheckLine,
    HubTime,
    LineResults,
    MeasureSpeed,
    ProbeSession,
    ResultsKept,
)
from signaling.protocol.lobby import (
    Admit,
    AskHelp,
    CallService,
    CallState,
    Codes,
    Devices,
    Help,
    Lobby,
    MakeWait,
    PresentCode,
    Refuse,
    Superseded,
    TakeOver,
)
from signaling.protocol.opening import (
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Bye,
    Challenge,
    Error,
    Hello,
    Ping,
    Pong,
    Prove,
    WelcomeBrowser,
    WelcomeKiosk,
    proof_text,
)

__all__ = [
    "OLDEST_VERSION",
    "PROTOCOL_VERSION",
    "Admit",
    "AgentDevices",
    "Answer",
    "AskHelp",
    "Bye",
    "CallBeside",
    "CallBudget",
    "CallService",
    "CallState",
    "Candidate",
    "Challenge",
    "Changed",
    "CheckLine",
    "Codes",
    "Devices",
    "Ended",
    "Error",
    "FromBrowser",
    "FromHub",
    "FromKiosk",
    "HangUp",
    "Hello",
    "Help",
    "HubTime",
    "LineResults",
    "Lobby",
    "MakeWait",
    "MeasureSpeed",
    "Media",
    "Message",
    "Negotiate",
    "Offer",
    "Ping",
    "Pong",
    "PresentCode",
    "ProbeSession",
    "Prove",
    "Refuse",
    "Renegotiate",
    "Report",
    "ResultsKept",
    "Say",
    "Subscribe",
    "Superseded",
    "TakeOver",
    "WelcomeBrowser",
    "WelcomeKiosk",
    "proof_text",
]

FromKiosk = (
    Prove | Ping | Pong | PresentCode | CallService | AskHelp | Devices | Answer | Candidate
    | Media | Renegotiate | Report | HangUp | LineResults
)  # fmt: skip
FromBrowser = (
    Hello | Ping | Pong | Admit | MakeWait | Refuse | TakeOver | Offer | Candidate | Media
    | Renegotiate | Say | Report | AgentDevices | HangUp | Subscribe
)  # fmt: skip
FromHub = (
    Challenge | WelcomeKiosk | WelcomeBrowser | Ping | Pong | Error | Bye | Lobby | Help | Devices
    | CallState | Superseded | Negotiate | Offer | Answer | Candidate | Say | AgentDevices | Ended
    | Changed | ProbeSession | ResultsKept | CheckLine | MeasureSpeed | CallBeside | HubTime
    | CallBudget
    | Codes
)  # fmt: skip
Message = FromKiosk | FromBrowser | FromHub
