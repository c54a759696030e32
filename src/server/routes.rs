//! The HTTP endpoint: the API under its prefix, probes at the root, the documents at `/api-docs`.

use std::sync::Arc;

use poem::{
    Endpoint, EndpointExt, IntoEndpoint, Response, Route, endpoint::make_sync, http::header,
    middleware::Compression,
};
use poem_openapi::OpenApiService;
use serde_json::Value;

use super::{
    answer::{Answering, as_problem},
    docs,
};
use crate::{
    app::App,
    document,
    wire::{MaxBody, Schemas},
};

/// Everything but Socket.IO.
pub fn endpoint(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let (api, root) = services(app);
    let document = document::merge(&api.spec(), &root.spec(), &app.problem_codes());
    let page = docs::page(&api, &document);
    let schemas = Arc::new(Schemas::of_document(&document));
    let openapi = pretty(&document);
    let asyncapi = asyncapi_text(app);
    let problems = docs::problems(&app.problem_codes());
    let prefix = app.config.server.api_prefix.clone();
    let routes = Route::new()
        .nest(prefix.clone(), api)
        .nest("/", root)
        .at("/api-docs", page)
        .at("/api-docs/problems", problems)
        .at("/api-docs/openapi.json", make_sync(move |_| json(&openapi)))
        .at("/api-docs/asyncapi.json", make_sync(move |_| json(&asyncapi)));
    let inner = routes
        .into_endpoint()
        .data(app.gate.clone())
        .data(schemas)
        .data(MaxBody(app.config.server.max_body))
        .catch_all_error(as_problem)
        .with(Compression::new());
    Answering {
        inner,
        metrics: app.metrics.clone(),
        api_prefix: prefix,
        deadline: app.config.server.request_timeout,
        hsts: app.config.environment == crate::config::Environment::Production,
    }
}

/// The document as it is served and committed.
pub fn document_text(app: &App) -> String {
    pretty(&document(app))
}

/// The API document of this program.
pub fn document(app: &App) -> Value {
    let (api, root) = services(app);
    document::merge(&api.spec(), &root.spec(), &app.problem_codes())
}

/// The document of what travels over sockets, as it is served and committed.
pub fn asyncapi_text(app: &App) -> String {
    pretty(&document::asyncapi(app.connector.namespace(), &app.problem_codes()))
}

fn services(
    app: &App,
) -> (
    OpenApiService<impl poem_openapi::OpenApi + use<>, ()>,
    OpenApiService<impl poem_openapi::OpenApi + use<>, ()>,
) {
    let service = OpenApiService::new(app.modules.controllers(), "Rookery", env!("CARGO_PKG_VERSION"))
        .description(include_str!("description.md"))
        .license("MIT OR Apache-2.0")
        .url_prefix(app.config.server.api_prefix.clone());
    (service, OpenApiService::new(app.root_controllers(), "Rookery", env!("CARGO_PKG_VERSION")))
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

fn json(text: &str) -> Response {
    Response::builder().header(header::CONTENT_TYPE, "application/json").body(text.to_owned())
}
