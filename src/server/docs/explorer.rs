//! Swagger UI, showing the OpenAPI document.

use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use poem::{Endpoint, Response, endpoint::make_sync};
use poem_openapi::OpenApiService;
use sha2::{Digest, Sha256};

use super::page::{HEAD, Tab, header, html};

/// The page, written when it is first asked for: it is larger than all others together.
pub fn endpoint(openapi: Bytes) -> impl Endpoint<Output = Response> {
    let written: OnceLock<(Bytes, String)> = OnceLock::new();
    make_sync(move |_| {
        let (page, policy) = written.get_or_init(|| {
            let page = page(&String::from_utf8_lossy(&openapi));
            let policy = policy(&page);
            (page.into(), policy)
        });
        html(page.clone(), policy)
    })
}

/// The library's page, showing our document in the place of the one that it shows, which is of an empty API.
fn page(openapi: &str) -> String {
    let empty = OpenApiService::new((), "", "");
    // A document inside a script must not be able to end it.
    let document = openapi.replace("</", "<\\/");
    empty
        .swagger_ui_html()
        .trim_start()
        .replacen(&empty.spec(), &document, 1)
        .replacen("<html charset=\"UTF-8\">", "<!doctype html>\n<html lang=\"en\">", 1)
        .replacen("<title>Swagger UI</title>", &format!("<title>REST · Rookery</title>{HEAD}"), 1)
        .replacen("<div id=\"ui\">", &format!("{}<div id=\"ui\">", header(Tab::Rest)), 1)
}

/// Only the page's own scripts run, each named by its hash, and those that this origin serves, which
/// is the Socket.IO client. Requests go to this origin only.
fn policy(page: &str) -> String {
    let hashes: String = scripts(page)
        .map(|script| format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(script))))
        .collect();
    format!(
        "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:; \
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
