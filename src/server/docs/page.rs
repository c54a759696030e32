//! What every page has: a head, the way to the others, and a policy.

use bytes::Bytes;
use poem::{Response, http::header};

/// For pages whose scripts and styles are files of this origin. They speak with nobody else.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What goes into every page's head.
pub const HEAD: &str = "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
    <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/api-docs/bar.css\">";

/// The pages that lead to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Rest,
    Sockets,
    Problems,
}

const TABS: [(Tab, &str, &str); 3] = [
    (Tab::Rest, "/api-docs", "REST"),
    (Tab::Sockets, "/api-docs/sockets", "Sockets"),
    (Tab::Problems, "/api-docs/problems", "Problems"),
];

/// A page with this `<main>`.
pub fn page(tab: Tab, title: &str, main: &str) -> String {
    let (title, header) = (escape(title), header(tab));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title} · Rookery</title>{HEAD}\
         <link rel=\"stylesheet\" href=\"/api-docs/docs.css\"></head>\n\
         <body>\n{header}\n<main>\n{main}</main>\n</body>\n</html>\n"
    )
}

/// The bar that leads from one page to the others.
pub fn header(current: Tab) -> String {
    let link = |(tab, address, name): &(Tab, &str, &str)| {
        let mark = if *tab == current { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{address}\"{mark}>{name}</a>")
    };
    let links: String = TABS.iter().map(link).collect();
    format!("<header class=\"bar\"><b>Rookery</b><nav aria-label=\"API\">{links}</nav></header>")
}

pub fn html(page: Bytes, policy: &str) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .body(page)
}

/// Text that means nothing to a browser but itself.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The same; what stands between backticks is code.
pub fn prose(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces
        .map(|(at, piece)| match at % 2 {
            0 => escape(piece),
            _ => format!("<code>{}</code>", escape(piece)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(prose("<b> & `a<b`'"), "&lt;b&gt; &amp; <code>a&lt;b</code>&#39;");
    }
}
