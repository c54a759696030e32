//! Every problem, at the address that its `type` names: a page for people, JSON for whoever asks for it.

use bytes::Bytes;
use poem::{IntoResponse, Request, Response, http::header};
use serde_json::{Value, json};

use super::{
    page::{POLICY, Tab, escape, html, page, prose},
    usage::{Place, by_anything_else, by_operations, by_sockets},
};
use crate::problem::{Code, Problem};

/// The pages, written once.
pub struct Problems {
    list: Shown,
    all: Vec<(&'static Code, Shown)>,
}

/// The same for people and for programs.
struct Shown {
    page: Bytes,
    json: Bytes,
}

impl Problems {
    pub fn of(codes: &[&'static Code], openapi: &Value, asyncapi: &Value) -> Self {
        let (mut all, mut items) = (Vec::new(), Vec::new());
        for code in codes {
            let (page, json) = describe(code, openapi, asyncapi);
            all.push((*code, Shown::new(page, &json)));
            items.push(json);
        }
        Self { list: Shown::new(list(codes), &json!({ "items": items })), all }
    }

    pub fn list(&self, request: &Request) -> Response {
        self.list.answer(request)
    }

    pub fn one(&self, request: &Request) -> Response {
        let name = request.raw_path_param("code").unwrap_or_default();
        match self.all.iter().find(|(code, _)| code.name == name) {
            Some((_, shown)) => shown.answer(request),
            None => Problem::not_found("problem").into_response(),
        }
    }
}

impl Shown {
    fn new(page: String, json: &Value) -> Self {
        Self { page: page.into(), json: json.to_string().into() }
    }

    /// Browsers want HTML whatever else they accept.
    fn answer(&self, request: &Request) -> Response {
        let accepted = request.header(header::ACCEPT).unwrap_or_default();
        let mut response = match accepted.contains("json") && !accepted.contains("text/html") {
            true => Response::builder().content_type("application/json").body(self.json.clone()),
            false => html(self.page.clone(), POLICY),
        };
        response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
        response
    }
}

fn describe(code: &Code, openapi: &Value, asyncapi: &Value) -> (String, Value) {
    let operations = by_operations(openapi, code.name);
    let events = by_sockets(asyncapi, code.name);
    let anything = by_anything_else(openapi, asyncapi, code.name);
    let names = |places: &[Place]| places.iter().map(|place| place.name.clone()).collect::<Vec<_>>();
    let Code { name, status, title, cause, mend } = *code;
    let json = json!({
        "type": code.address(),
        "code": name,
        "status": status,
        "title": title,
        "cause": cause,
        "mend": mend,
        "operations": names(&operations),
        "events": names(&events),
    });
    let main = format!(
        "<p class=\"path\"><a href=\"/api-docs/problems\">Problems</a></p>\n\
         <h1><code>{name}</code> <span class=\"status\">{status}</span></h1>\n<p class=\"lead\">{}.</p>\n\
         <h2>Cause</h2>\n<p>{}</p>\n<h2>Mend</h2>\n<p>{}</p>\n{}{}{}",
        prose(title),
        prose(cause),
        prose(mend),
        section("Operations", &operations),
        section("Socket events", &events),
        if anything && operations.is_empty() && events.is_empty() { ELSEWHERE } else { "" },
    );
    (page(Tab::Problems, name, &main), json)
}

const ELSEWHERE: &str =
    "<h2>Where</h2>\n<p>At an address, or with an event, that isn't in the documents.</p>\n";

fn section(title: &str, places: &[Place]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let item = |Place { name, link }: &Place| {
        format!("<li><a href=\"{}\"><code>{}</code></a></li>\n", escape(link), escape(name))
    };
    let items: String = places.iter().map(item).collect();
    format!("<h2>{title}</h2>\n<ul class=\"places\">\n{items}</ul>\n")
}

fn list(codes: &[&'static Code]) -> String {
    let mut sorted = codes.to_vec();
    sorted.sort_by_key(|code| code.status);
    let row = |code: &&'static Code| {
        let (address, name, status, title) = (code.address(), code.name, code.status, prose(code.title));
        format!(
            "<tr id=\"{name}\"><td><a href=\"{address}\"><code>{name}</code></a></td><td>{status}</td><td>{title}</td></tr>\n"
        )
    };
    let rows: String = sorted.iter().map(row).collect();
    let main = format!(
        "<h1>Problems</h1>\n<p class=\"lead\">Every error answer, and every refused socket event, carries one of these \
         codes. They never change their meaning; branch on them and on nothing else.</p>\n\
         <table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>\n<tbody>\n{rows}</tbody></table>\n"
    );
    page(Tab::Problems, "Problems", &main)
}
