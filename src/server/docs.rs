//! The API explorer and the list of problems. Nothing is loaded from elsewhere.

use base64::{Engine, engine::general_purpose::STANDARD};
use poem::{Endpoint, Response, endpoint::make_sync, http::header};
use poem_openapi::{OpenApi, OpenApiService, Webhook};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::Code;

/// Swagger UI showing our document.
pub fn page<T: OpenApi, W: Webhook>(
    service: &OpenApiService<T, W>,
    document: &Value,
) -> impl Endpoint<Output = Response> + use<T, W> {
    // A document inside a script must not be able to end it.
    let document = document.to_string().replace("</", "<\\/");
    let page = service.swagger_ui_html().replace(&service.spec(), &document).replace(
        "<title>Swagger UI</title>",
        "<title>Rookery API</title><link rel=\"icon\" href=\"data:,\">",
    );
    let policy = policy(&page);
    make_sync(move |_| html(page.clone(), &policy))
}

/// Every problem code, at the address its `type` names.
pub fn problems(codes: &[&'static Code]) -> impl Endpoint<Output = Response> + use<> {
    let rows: String = codes
        .iter()
        .map(|Code { name, status, title, .. }| {
            format!(
                "<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{}</td></tr>",
                title.replace('\'', "&#39;")
            )
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rookery problems</title><h1>Problems</h1>\
         <p>Every error answer carries one of these codes.</p><table><tr><th>code</th><th>status</th><th>meaning</th></tr>{rows}</table></html>"
    );
    make_sync(move |_| html(page.clone(), "default-src 'none'; frame-ancestors 'none'"))
}

fn html(page: String, policy: &str) -> Response {
    Response::builder()
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, policy)
        .body(page)
}

/// Only the page's own scripts run, each named by its hash, and those that this origin serves, which
/// is the Socket.IO client. Requests go to this origin only.
fn policy(page: &str) -> String {
    let hashes: String = scripts(page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    format!(
        "default-src 'none'; script-src 'self'{hashes}; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// What stands in each `<script>`. One may hold that word itself: it ends at its end tag only.
fn scripts(page: &str) -> impl Iterator<Item = &str> {
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, tag) = rest.split_once("<script")?;
        let (_, begun) = tag.split_once('>')?;
        let (script, after) = begun.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_that_speaks_of_scripts_is_one() {
        let page = "<p><script a>1; '<script>'; /<script(?=x)/</script><b><script>2</script>";
        assert_eq!(scripts(page).collect::<Vec<_>>(), ["1; '<script>'; /<script(?=x)/", "2"]);
    }
}
