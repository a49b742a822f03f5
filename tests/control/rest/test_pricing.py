"""The price."""

from __future__ import annotations

import pytest


def test_a_price_holds_from_then_on(swarm, client) -> None:
    assert client.get("/pricing").json == {"price": 20.0}
    assert client.post("/pricing", json={"price": 22}).json == {"price": 22.0}
    assert client.get("/pricing").json == {"price": 22.0}
    assert swarm.conditions().price == 22.0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"price": "abc"}', 422),
        ('{"price": "20"}', 422),
        ('{"price": true}', 422),
        ('{"price": null}', 422),
        ('{"price": [1]}', 422),
        ("{}", 422),
        ('{"price": 20, "currency": "EUR"}', 422),
        ('{"price": 1e10}', 422),  # a number, but above what a price may be
        ("[]", 422),
        ("20", 422),
        ('{"price": 0}', 400),
        ('{"price": -0.0}', 400),
        ('{"price": -1}', 400),
        ('{"price": NaN}', 400),
        ('{"price": Infinity}', 400),
        ('{"price": -Infinity}', 400),
        ('{"price": 1e400}', 400),
        ("price=20", 400),
        ("", 400),
    ],
)
def test_prices_that_cannot_be(swarm, client, body: str, status: int) -> None:
    answer = client.post("/pricing", data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.json["detail"]
    assert swarm.conditions().price == 20.0


def test_the_refusal_names_the_field(client) -> None:
    assert client.post("/pricing", json={"price": True}).json == {"detail": "price: Expected `float`, got `bool`"}
    assert client.post("/pricing", json={"price": -2.5}).json == {"detail": "price: a finite number above 0, not -2.5"}
