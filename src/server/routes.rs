//! The HTTP endpoint: the API under its prefix, probes at the root, the documents at `/api-docs`.

use std::{future::ready, sync::Arc};

use poem::{Endpoint, EndpointExt, IntoEndpoint, Response, Route, middleware::Compression};
use poem_openapi::{ContactObject, LicenseObject, OpenApiService, ServerObject};
use serde_json::Value;

use super::{
    answer::{Answering, as_problem},
    docs::{Docs, pretty},
    headers::{self, empty_unreadable},
    methods::Methods,
};
use crate::{
    app::App,
    document,
    wire::{MaxBody, Schemas},
};

/// Everything but Socket.IO.
pub fn endpoint(app: &App) -> impl Endpoint<Output = Response> + use<> {
    let document = document(app);
    let (methods, headers) = (Methods::of(&document), Arc::new(headers::parameters(&document)));
    let schemas = Arc::new(Schemas::of_bodies(document::bodies(&document), &document));
    let docs = Docs { openapi: &document, asyncapi: &asyncapi(app), codes: &app.problem_codes() };
    let (api, root) = services(app);
    let prefix = app.config.server.api_prefix.clone();
    let routes = docs.add_to(Route::new().nest(prefix.clone(), api).nest("/", root));
    let inner = routes
        .into_endpoint()
        .data(app.gate.clone())
        .data(schemas)
        .data(MaxBody(app.config.server.max_body))
        .before({
            let headers = headers.clone();
            move |request| ready(Ok(empty_unreadable(request, &headers)))
        })
        .catch_all_error(move |error| ready(as_problem(error, &headers)))
        .with(Compression::new());
    Answering {
        inner,
        metrics: app.metrics.clone(),
        methods,
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
    pretty(&asyncapi(app))
}

fn asyncapi(app: &App) -> Value {
    document::asyncapi(app.connector.namespace(), &app.problem_codes())
}

fn services(
    app: &App,
) -> (
    OpenApiService<impl poem_openapi::OpenApi + use<>, ()>,
    OpenApiService<impl poem_openapi::OpenApi + use<>, ()>,
) {
    let service = OpenApiService::new(app.controllers(), "Rookery", env!("CARGO_PKG_VERSION"))
        .description(include_str!("description.md"))
        .license(LicenseObject::new("MIT OR Apache-2.0").url("https://spdx.org/licenses/"))
        .contact(ContactObject::new().name("Whoever runs this server"))
        .server(ServerObject::new("/").description("This server; the paths are whole"))
        .url_prefix(app.config.server.api_prefix.clone());
    (service, OpenApiService::new(app.root_controllers(), "Rookery", env!("CARGO_PKG_VERSION")))
}
