"""What one personalised, tracked message costs: a promotional email of about 42 KB with 75 outputs and 20 links.

Prints JSON lines: the whole message (`message`), and its parts. No database, no network.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
os.environ.setdefault("HEADWATER_SECRET_KEY", "bench-only-secret-key-0123456789-abcdef")

import report  # noqa: E402
from headwater.content import compiling  # noqa: E402
from headwater.content.compiling import CompiledEmail, Envelope  # noqa: E402
from headwater.content.document import Document  # noqa: E402

NAMES = ["Ada", "Grace", "Linus", "Zoë", "Barbara O'Neill", "Edsger", "Margaret", "Katherine", "Tim", "Радия"]
CITIES = ["Springfield", "New York", "Los Angeles", "Reykjavík", "Paris", "London", "Austin", "Boston"]


def document() -> Document:
    """The promotional email: a hero, a loop over products, blocks of copy with personal touches, a footer."""
    words = "Autumn is the season for layers, and this year's collection is the warmest we have ever made. "
    copy = "".join(
        f"""<mj-section padding="12px"><mj-column><mj-text>Dear {{{{ first_name | default: "friend" }}}}, {words * 3}
        In {{{{ person.city }}}} you have {{{{ person.points }}}} points as a {{{{ person.tier | upcase }}}} member.
        <a href="https://shop.example/collections/{number}?ref=mail&amp;n={number}">See collection {number}</a>
        </mj-text></mj-column></mj-section>"""
        for number in range(14)
    )
    products = """{% for product in feeds.popular %}<mj-section><mj-column>
        <mj-image src="{{ product.image_url }}" alt="{{ product.title }}" href="{{ product.url }}" width="200px"/>
        <mj-text>{{ product.title }} {% if product.price > 50 %}<b>{{ product.price | money }}</b>{% else %}{{ product.price | money }}{% endif %}</mj-text>
        </mj-column></mj-section>{% endfor %}"""  # noqa: E501
    body = f"""<mjml><mj-head><mj-attributes><mj-all font-family="Helvetica, sans-serif"/></mj-attributes></mj-head>
        <mj-body><mj-section><mj-column><mj-text>Hello {{{{ first_name }}}}, welcome since
        {{{{ person.joined | date: "%d %B %Y" }}}}</mj-text>
        <mj-button href="https://shop.example/">Shop now</mj-button></mj-column></mj-section>
        {products}{copy}{{% footer %}}</mj-body></mjml>"""
    return Document(
        subject="{{ first_name | default: 'Friend' }}, your autumn picks are here", mjml=body, preview_text="For you"
    )


TEXT = (
    """Hello {{ first_name | default: "friend" }},

welcome since {{ person.joined | date: "%d %B %Y" }}. You have {{ person.points }} points.
{% for product in feeds.popular %}
* {{ product.title }}, {{ product.price | money }}
{% endfor %}
"""
    + ("The collection is the warmest we have ever made, and it is here.\n" * 55)
    + "{% footer %}\n"
)


def people() -> Iterator[tuple[dict[str, Any], Envelope]]:
    """Endless recipients, no two alike."""
    for number, (name, city) in enumerate(zip(cycle(NAMES), cycle(CITIES), strict=False)):
        products = [
            {
                "title": f"Product {(number + k) % 500} & friends",
                "price": 19.5 + (number + k) % 80,
                "url": f"https://shop.example/p/{(number + k) % 500}",
                "image_url": f"https://cdn.shop.example/i/{(number + k) % 500}.jpg",
            }
            for k in range(4)
        ]
        context = {
            "first_name": name,
            "person": {"city": city, "points": number % 900, "tier": "gold", "joined": "2024-05-06T07:08:09Z"},
            "feeds": {"popular": products},
            "organization": {"name": "Juniper", "full_address": "1 Main St, Springfield", "currency": "USD"},
        }
        envelope = Envelope(
            workspace_id=1,
            message_id=number,
            profile_id=number,
            to_email=f"person{number}@example.com",
            to_name=name,
            from_name="Juniper",
            from_email="hello@juniper.example",
            reply_to="",
            date=datetime(2026, 3, 2, 12, number % 60, tzinfo=UTC),
            base_url="https://mail.juniper.example",
            utm={"utm_source": "juniper", "utm_medium": "email", "utm_campaign": "autumn"},
        )
        yield context, envelope


def measure(case: str, email: CompiledEmail, count: int) -> None:
    source = people()
    batch = [next(source) for _ in range(2_000)]
    for names, envelope in batch[:200]:
        email.render(names, envelope)
    times: list[float] = []
    size = 0
    started, cpu = time.perf_counter(), time.process_time()
    for names, envelope in islice(cycle(batch), count):
        before = time.perf_counter()
        size += email.render(names, envelope).size
        times.append((time.perf_counter() - before) * 1000)
    elapsed, used = time.perf_counter() - started, time.process_time() - cpu
    report.line(
        bench="render",
        case=case,
        rate=count / elapsed,
        cpu_s_per_1000=used / count * 1000,
        times_ms=times,
        p50_us=round(report.percentile(times, 0.5) * 1000, 1),
        bytes=size // count,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    count = parser.parse_args().messages
    derived = document()
    own_text = replace(derived, text=TEXT)
    started = time.process_time()
    email = compiling.compile(derived)
    used = time.process_time() - started
    report.line(bench="render", case="compile", rate=1 / used, cpu_s_per_1000=used * 1000, times_ms=[used * 1000])
    measure("message, own text part of 4 KB", compiling.compile(own_text), count)
    measure("message, text part derived", email, count)


if __name__ == "__main__":
    main()
