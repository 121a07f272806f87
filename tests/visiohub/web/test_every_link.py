"""Whoever follows the links of the pages finds pages: none is dead, none is a fault."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from hub_site import ROLES, Site
from yarl import URL

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
OF_ONE_KIND = 4
"""Links that differ by ids alone: so many are followed."""
AN_ID = re.compile(r"(?<![a-z])[0-9a-f]{16,}|\d+")
ELSEWHERE = ("/static/", "/api/docs")


def kind_of(address: str) -> str:
    return AN_ID.sub("*", address)


@pytest.mark.parametrize("role", [None, *ROLES])
async def test_every_link_leads_to_a_page(site: Site, role: str | None) -> None:
    async with site.client(ROLES[role] if role else None) as client:
        waiting, seen, kinds = ["/", "/trail", "/lines"], set[str](), Counter[str]()
        wrong = []
        while waiting:
            address = waiting.pop()
            if address in seen or kinds[kind_of(address)] >= OF_ONE_KIND:
                continue
            seen.add(address)
            kinds[kind_of(address)] += 1
            async with client.get(URL(address, encoded=True)) as answer:
                # the first three are not links of everybody's pages
                if answer.status >= 400 and address not in {"/trail", "/lines"}:
                    wrong.append((answer.status, address))
                if answer.content_type != "text/html" or answer.status >= 400:
                    continue
                here = str(answer.url)
                for link in LINK.findall(await answer.text()):
                    whole, _fragment = urldefrag(urljoin(here, unescape(link)))
                    path = urlsplit(whole).path
                    if whole.startswith(site.origin) and not path.startswith(ELSEWHERE):
                        waiting.append(whole.removeprefix(site.origin) or "/")
    assert wrong == []
    assert len(seen) > 3
