//! The pages at `/api-docs`: REST, sockets and problems side by side, and the documents that they show.
//! Nothing is loaded from elsewhere.

mod explorer;
mod page;
mod problems;
mod usage;

use std::sync::Arc;

use bytes::Bytes;
use poem::{Endpoint, Response, Route, endpoint::make_sync, get, http::header};
use serde_json::Value;

use self::{
    page::{Tab, html, page},
    problems::Problems,
};
use crate::problem::Code;

/// What the pages are made of.
pub struct Docs<'a> {
    pub openapi: &'a Value,
    pub asyncapi: &'a Value,
    pub codes: &'a [&'static Code],
}

/// What the pages load, by its name below `/api-docs/`.
const ASSETS: [(&str, &str, &str); 6] = [
    ("bar.css", "text/css", include_str!("assets/bar.css")),
    ("docs.css", "text/css", include_str!("assets/docs.css")),
    ("sockets.js", "text/javascript", include_str!("assets/sockets.js")),
    ("elements.js", "text/javascript", include_str!("assets/elements.js")),
    ("schema.js", "text/javascript", include_str!("assets/schema.js")),
    ("live.js", "text/javascript", include_str!("assets/live.js")),
];

impl Docs<'_> {
    pub fn add_to(self, routes: Route) -> Route {
        let problems = Arc::new(Problems::of(self.codes, self.openapi, self.asyncapi));
        let one = problems.clone();
        let (openapi, asyncapi) = (Bytes::from(pretty(self.openapi)), Bytes::from(pretty(self.asyncapi)));
        let routes = routes
            .at("/api-docs", get(explorer::endpoint(openapi.clone())))
            .at("/api-docs/sockets", get(sockets(self.openapi)))
            .at("/api-docs/problems", get(make_sync(move |request| problems.list(&request))))
            .at("/api-docs/problems/:code", get(make_sync(move |request| one.one(&request))))
            .at("/api-docs/openapi.json", get(text("application/json", openapi)))
            .at("/api-docs/asyncapi.json", get(text("application/json", asyncapi)));
        ASSETS.into_iter().fold(routes, |routes, (name, kind, content)| {
            routes.at(format!("/api-docs/{name}"), get(text(kind, Bytes::from_static(content.as_bytes()))))
        })
    }
}

/// As it is served and committed.
pub fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The AsyncAPI document as a page that can be tried out; `assets/sockets.js` writes it.
fn sockets(openapi: &Value) -> impl Endpoint<Output = Response> + use<> {
    // Where one signs in, as the API document has it.
    let login = usage::operations(openapi).find(|operation| operation.id == "login");
    let login = login.map(|operation| operation.path.to_owned()).unwrap_or_default();
    let main = include_str!("assets/sockets.html").replace("{login}", &page::escape(&login));
    let page = Bytes::from(page(Tab::Sockets, "Sockets", &main));
    make_sync(move |_| html(page.clone(), page::POLICY))
}

fn text(kind: &'static str, content: Bytes) -> impl Endpoint<Output = Response> {
    make_sync(move |_| {
        Response::builder()
            .header(
                header::CONTENT_TYPE,
                if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.to_owned() },
            )
            .body(content.clone())
    })
}
