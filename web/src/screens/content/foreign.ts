// An email made harmless to look at: no scripts, no requests to other hosts, links that lead nowhere; pictures that are
// not ours become boxes that say so. Pure: a page in, a page out.

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; font-src 'self'";
const REMOVED = "script, iframe, object, embed, link, base, form, video, audio, source, meta[http-equiv]";
const ADDRESS = /url\(\s*(['"]?)(.*?)\1\s*\)/gi;
const SCHEME = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;

export type Scheme = "light" | "dark";

/** The page as a frame may show it, in a scheme. */
export function harmless(html: string, scheme: Scheme): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  page.querySelectorAll(REMOVED).forEach((one) => one.remove());
  page.querySelectorAll("img").forEach((image) => isOurs(image.getAttribute("src")) || image.replaceWith(placeholder(image, page)));
  page.querySelectorAll("a[href]").forEach(leadNowhere);
  page.querySelectorAll<HTMLElement>("[style]").forEach((one) => one.setAttribute("style", withoutForeign(one.getAttribute("style") ?? "")));
  page.querySelectorAll("[background], [srcset]").forEach((one) => {
    one.removeAttribute("srcset");
    if (!isOurs(one.getAttribute("background"))) one.removeAttribute("background");
  });
  page.querySelectorAll("style").forEach((style) => {
    style.textContent = inScheme(withoutForeign((style.textContent ?? "").replace(/@import[^;]*;?/gi, "")), scheme);
  });
  for (const one of page.querySelectorAll("*")) for (const { name } of Array.from(one.attributes)) if (name.startsWith("on")) one.removeAttribute(name);
  const policy = page.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  page.head.prepend(policy);
  return `<!doctype html>${page.documentElement.outerHTML}`;
}

/** Styles as a reader with this scheme sees them, whatever this browser prefers. */
export function inScheme(css: string, scheme: Scheme): string {
  return css.replace(SCHEME, (_, asked: string) => (asked.toLowerCase() === scheme ? "(min-width: 0)" : "(max-width: 0)"));
}

/** Pictures and such of our own origin, or written into the page itself. */
export function isOurs(address: string | null): boolean {
  if (!address) return false;
  if (address.startsWith("data:image/")) return true;
  try {
    return new URL(address, location.origin).origin === location.origin;
  } catch {
    return false;
  }
}

function withoutForeign(css: string): string {
  return css.replace(ADDRESS, (whole, _quote: string, address: string) => (isOurs(address) ? whole : "none"));
}

function leadNowhere(link: Element): void {
  link.setAttribute("title", link.getAttribute("href") ?? "");
  link.setAttribute("href", "#");
  link.removeAttribute("target");
  link.removeAttribute("ping");
}

function placeholder(image: HTMLImageElement, page: Document): HTMLElement {
  const box = page.createElement("span");
  const [width, height] = [number(image.getAttribute("width")), number(image.getAttribute("height"))];
  const tiny = (width ?? 99) < 4 || (height ?? 99) < 4;
  const shape = height && width ? `aspect-ratio:${width}/${height};` : width && width < 80 ? "aspect-ratio:1;" : "aspect-ratio:3/2;";
  box.setAttribute(
    "style",
    tiny
      ? "display:none"
      : `display:inline-flex;align-items:center;justify-content:center;box-sizing:border-box;width:100%;${width ? `max-width:${width}px;` : ""}${shape}` +
          "max-height:320px;padding:8px;overflow:hidden;border:1px dashed #9aa5b1;border-radius:4px;background:#eef1f4;color:#48535f;" +
          "font:12px/16px sans-serif;text-align:center;word-break:break-word;",
  );
  const alt = image.getAttribute("alt")?.trim();
  box.textContent = alt || "Picture";
  box.setAttribute("title", image.getAttribute("src") || "This picture has no address");
  return box;
}

function number(given: string | null): number | null {
  const found = Number.parseInt(given ?? "", 10);
  return Number.isFinite(found) && found > 0 ? found : null;
}
