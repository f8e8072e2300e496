// The drawer of each kind of step.
import type { FunctionComponent } from "react";

import type { DrawerProps } from "../drawer";
import type { Kind, StepOf } from "../steps";
import { AbTestDrawer } from "./AbTestDrawer";
import { BackInStockDrawer } from "./BackInStockDrawer";
import { CouponDrawer } from "./CouponDrawer";
import { DelayDrawer } from "./DelayDrawer";
import { EmailDrawer } from "./EmailDrawer";
import { ExitDrawer } from "./ExitDrawer";
import { GoalDrawer } from "./GoalDrawer";
import { AddToListDrawer, RemoveFromListDrawer } from "./ListDrawer";
import { MultiSplitDrawer } from "./MultiSplitDrawer";
import { NotifyDrawer } from "./NotifyDrawer";
import { RandomSplitDrawer } from "./RandomSplitDrawer";
import { SplitDrawer } from "./SplitDrawer";
import { TriggerSplitDrawer } from "./TriggerSplitDrawer";
import { UpdateProfileDrawer } from "./UpdateProfileDrawer";
import { WaitForDrawer } from "./WaitForDrawer";
import { WebhookDrawer } from "./WebhookDrawer";

export const DRAWERS: { [K in Kind]: FunctionComponent<DrawerProps<StepOf[K]>> } = {
  email: EmailDrawer,
  delay: DelayDrawer,
  wait_for: WaitForDrawer,
  if: SplitDrawer,
  if_event: TriggerSplitDrawer,
  split: MultiSplitDrawer,
  random: RandomSplitDrawer,
  ab_test: AbTestDrawer,
  update_profile: UpdateProfileDrawer,
  add_to_list: AddToListDrawer,
  remove_from_list: RemoveFromListDrawer,
  coupon: CouponDrawer,
  webhook: WebhookDrawer,
  notify: NotifyDrawer,
  back_in_stock: BackInStockDrawer,
  goal: GoalDrawer,
  exit: ExitDrawer,
};
