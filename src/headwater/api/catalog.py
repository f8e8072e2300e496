"""/products and /reviews: the shop's catalog, written in bulk under the shop's own ids."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from headwater.api.calls import Limit, Moment, Money, Page, call, page
from headwater.api.errors import NotFound
from headwater.catalog import products, reviews
from headwater.catalog.products import Product
from headwater.catalog.reviews import Review

router = Router(tags=["Catalog"])

ShopId = Annotated[str, Field(min_length=1, max_length=200)]
Search = Annotated[str, Query(max_length=200)]
Text = Annotated[str, Field(max_length=2_000)]


class ProductIn(Schema):
    """What is left out keeps its value; null clears it."""

    id: ShopId
    title: Text | None = None
    category: Text | None = None
    brand: Text | None = None
    price: Money | None = None
    url: Text | None = None
    image_url: Text | None = None
    description: Annotated[str, Field(max_length=20_000)] | None = None
    published: bool | None = None
    stock: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
    properties: dict[str, Any] | None = None


class ProductOut(Schema):
    id: str
    title: str
    category: str | None
    brand: str | None
    price: Money | None
    url: str | None
    image_url: str | None
    description: str | None
    published: bool
    stock: int | None
    properties: dict[str, Any]
    updated_at: Moment


class ProductReviewIn(Schema):
    id: ShopId
    product_id: ShopId
    rating: Annotated[int, Field(ge=1, le=5)]
    author: Annotated[str, Field(max_length=200)]
    body: Annotated[str, Field(max_length=10_000)]
    created_at: Moment


class ReviewOut(ProductReviewIn):
    pass


class ProductsIn(Schema):
    products: Annotated[list[ProductIn], Field(min_length=1, max_length=5_000)]


class ReviewsIn(Schema):
    reviews: Annotated[list[ProductReviewIn], Field(min_length=1, max_length=5_000)]


class ProductsStored(Schema):
    stored: int


class ReviewsStored(Schema):
    stored: int
    refused: list[str]
    """Ids of reviews of unknown products."""


@router.get("/products", response=Page[ProductOut], summary="List products")
def list_products(
    request: HttpRequest,
    q: Search = "",
    cursor: str = "",
    limit: Limit = 100,
    category: str | None = None,
    published: bool | None = None,
) -> dict[str, Any]:
    with call(request) as c:
        found = products.page(
            c.conn,
            c.workspace_id,
            q=q.strip(),
            after=cursor,
            limit=limit + 1,
            category=category,
            published=published,
        )
        return page(found, limit)


@router.post("/products", response=ProductsStored, summary="Add or change up to 5,000 products")
def put_products(request: HttpRequest, body: ProductsIn) -> dict[str, int]:
    rows = [product.model_dump(exclude_unset=True) for product in body.products]
    with call(request) as c:
        return {"stored": products.upsert(c.conn, c.workspace_id, rows, c.now)}


@router.get("/products/{path:product_id}", response=ProductOut, summary="Get a product")
def get_product(request: HttpRequest, product_id: str) -> Product:
    with call(request) as c:
        found = products.get(c.conn, c.workspace_id, [product_id]).get(product_id)
    if found is None:
        raise NotFound(f"product {product_id}")
    return found


@router.delete("/products/{path:product_id}", response={204: None}, summary="Delete a product and its reviews")
def delete_product(request: HttpRequest, product_id: str) -> Status[None]:
    with call(request) as c:
        if not products.delete(c.conn, c.workspace_id, [product_id], c.now):
            raise NotFound(f"product {product_id}")
    return Status(204, None)


@router.get("/reviews", response=Page[ReviewOut], summary="List reviews")
def list_reviews(
    request: HttpRequest, cursor: str = "", limit: Limit = 100, product_id: str | None = None
) -> dict[str, Any]:
    with call(request) as c:
        found = reviews.page(c.conn, c.workspace_id, after=cursor, limit=limit + 1, product_id=product_id)
        return page(found, limit)


@router.post("/reviews", response=ReviewsStored, summary="Add or change up to 5,000 reviews")
def put_reviews(request: HttpRequest, body: ReviewsIn) -> dict[str, Any]:
    rows = [Review(**review.model_dump()) for review in body.reviews]
    with call(request) as c:
        refused = reviews.upsert(c.conn, c.workspace_id, rows)
    return {"stored": len({row.id for row in rows}) - len(refused), "refused": refused}


@router.delete("/reviews/{path:review_id}", response={204: None}, summary="Delete a review")
def delete_review(request: HttpRequest, review_id: str) -> Status[None]:
    with call(request) as c:
        if not reviews.delete(c.conn, c.workspace_id, [review_id]):
            raise NotFound(f"review {review_id}")
    return Status(204, None)
