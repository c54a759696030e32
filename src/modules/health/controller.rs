use std::sync::Arc;

use poem_openapi::{
    ApiResponse, OpenApi, Tags,
    param::Header,
    payload::{Json, PlainText},
};

use super::{
    dto::{Alive, ApiHealth, Health, Status},
    service::HealthService,
};
use crate::{
    config::Secret,
    guards::{Public, TokenError},
    problem::{
        Problem, Refusal,
        codes::{Forbidden, TokenInvalid, TokenMissing},
    },
    wire::Reply,
};

/// Probes and metrics over HTTP; not under the API's prefix.
pub struct HealthController {
    health: Arc<HealthService>,
    text: Arc<dyn Fn() -> String + Send + Sync>,
    token: Option<Secret>,
    open: bool,
}

impl HealthController {
    pub fn new(
        health: Arc<HealthService>,
        text: Arc<dyn Fn() -> String + Send + Sync>,
        token: Option<Secret>,
        open: bool,
    ) -> Self {
        Self { health, text, token, open }
    }

    fn scrape(&self, authorization: Option<String>) -> Result<Scrape, Problem> {
        match (&self.token, authorization) {
            (None, _) if self.open => {}
            (None, _) => {
                return Err(Problem::of::<Forbidden>("Set METRICS_TOKEN to open the metrics."));
            }
            (Some(_), None) => return Err(TokenError::Missing.into()),
            (Some(token), Some(sent)) => {
                // Compared as hashes: how long it takes says nothing about the token.
                let hash = |text: &str| <sha2::Sha256 as sha2::Digest>::digest(text.as_bytes());
                if hash(&sent) != hash(&format!("Bearer {}", token.expose())) {
                    return Err(TokenError::Invalid.into());
                }
            }
        }
        Ok(Scrape::Text(PlainText((self.text)())))
    }
}

/// What a scrape gets.
#[derive(ApiResponse)]
enum Scrape {
    /// In Prometheus' text format.
    #[oai(status = 200)]
    Text(PlainText<String>),
}

/// 200 when all is well, 503 otherwise, with the same body.
#[derive(ApiResponse)]
enum Probe<T: poem_openapi::types::ParseFromJSON + poem_openapi::types::ToJSON + Send> {
    /// All is well.
    #[oai(status = 200)]
    Well(Json<T>),
    /// Send work elsewhere.
    #[oai(status = 503)]
    Unwell(Json<T>),
}

fn probe<T: poem_openapi::types::ParseFromJSON + poem_openapi::types::ToJSON + Send>(
    status: Status,
    body: T,
) -> Probe<T> {
    match status {
        Status::Ok => Probe::Well(Json(body)),
        Status::Error | Status::Draining => Probe::Unwell(Json(body)),
    }
}

#[derive(Tags)]
enum Tag {
    /// Probes and metrics.
    Health,
}

#[OpenApi(tag = "Tag::Health")]
impl HealthController {
    /// How the node is, check by check
    ///
    /// 503 when a check fails, and while it is shutting down; the body says which. The checks are run at most
    /// once a second.
    #[oai(path = "/health", method = "get", operation_id = "getHealth")]
    async fn health(&self, _who: Public) -> Probe<Health> {
        let health = self.health.health().await;
        probe(health.status, health)
    }

    /// The process answers
    ///
    /// No check is made: a node that can't answer this needs to be started again.
    #[oai(path = "/health/live", method = "get", operation_id = "getLiveness")]
    async fn live(&self, _who: Public) -> Reply<Alive> {
        Reply(Alive { status: Status::Ok })
    }

    /// The node may be sent work
    ///
    /// 503 when a check fails, and while it is shutting down.
    #[oai(path = "/health/ready", method = "get", operation_id = "getReadiness")]
    async fn ready(&self, _who: Public) -> Probe<Health> {
        self.health(Public).await
    }

    /// The health and how many accounts there are
    ///
    /// 503 as for `/health`. Accounts are counted at most every ten seconds.
    #[oai(path = "/api/health", method = "get", operation_id = "getApiHealth")]
    async fn api_health(&self, _who: Public) -> Probe<ApiHealth> {
        let health = self.health.api_health().await;
        probe(health.status, health)
    }

    /// Metrics as Prometheus text
    ///
    /// Where `METRICS_TOKEN` is set it must be sent as a bearer token; in production it must be set.
    #[oai(path = "/metrics", method = "get", operation_id = "getMetrics")]
    async fn metrics(
        &self,
        _who: Public,
        #[oai(name = "Authorization")] token: Header<Option<String>>,
    ) -> Result<Scrape, Refusal<(TokenMissing, TokenInvalid, Forbidden)>> {
        Ok(self.scrape(token.0)?)
    }

    /// Metrics, under the name other systems scrape
    ///
    /// The same as `/metrics`, with the same token.
    #[oai(path = "/api/metrics", method = "get", operation_id = "getApiMetrics")]
    async fn api_metrics(
        &self,
        _who: Public,
        #[oai(name = "Authorization")] token: Header<Option<String>>,
    ) -> Result<Scrape, Refusal<(TokenMissing, TokenInvalid, Forbidden)>> {
        Ok(self.scrape(token.0)?)
    }
}
