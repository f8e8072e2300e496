"""Catalog: what the shop sells, what people say of it, what sells best, and discount codes.

- `products`    the items of the shop            `reviews`  real reviews, the best of an item or a category
- `history`     what changed of prices and stock
- `popularity`  best sellers, recomputed hourly  `coupons`  definitions   `issuing`  one code per person and coupon
"""
