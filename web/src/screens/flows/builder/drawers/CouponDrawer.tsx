// Issuing a person's code before an email shows it.
import { Text } from "@mantine/core";

import type { DrawerProps } from "../drawer";
import { CouponField } from "../fields/CouponField";
import type { IssueCoupon } from "../steps";

export function CouponDrawer({ step, put, wrong }: DrawerProps<IssueCoupon>) {
  return (
    <>
      <CouponField label="Coupon" value={step.coupon} onChange={(coupon) => put({ coupon })} error={wrong("coupon")} />
      <Text size="xs" c="dimmed">The code's time begins here, and emails after it show the same code. Emails that show a coupon issue it by themselves: this step is for issuing it earlier.</Text>
    </>
  );
}
