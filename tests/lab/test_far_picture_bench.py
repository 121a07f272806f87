"""The far picture's benchmark gives up on a browser that cannot show it."""

from __future__ import annotations

from unittest.mock import AsyncMock, Mock

import pytest

from bench import far_picture


async def test_a_browser_without_av1_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(far_picture, "SAYS_SO_WITHIN_S", 0.1)
    server = Mock(port=1, **{"decodes.return_value": False})
    with pytest.raises(RuntimeError, match="does not say that its Chromium decodes AV1"):
        await far_picture._open(AsyncMock(), server)
