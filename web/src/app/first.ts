// Where someone begins who has only opened the app.
import { api, ApiError } from "@/api/client";

export async function first(): Promise<string> {
  try {
    const { data } = await api.GET("/api/v1/me");
    const brands = data?.workspaces ?? [];
    const last = localStorage.getItem("headwater:brand");
    const brand = brands.find((one) => one.slug === last) ?? brands[0];
    return brand ? `/b/${brand.slug}/home` : "/welcome";
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return "/login";
    throw error;
  }
}
