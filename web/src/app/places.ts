// Where things are in the app.
import { useParams } from "@tanstack/react-router";

/** Answers paths inside the brand of the page: `inBrand("/flows")` is "/b/juniper/flows". */
export function useInBrand(): (path: string) => string {
  const { brand } = useParams({ strict: false });
  return (path) => `/b/${brand}${path}`;
}
