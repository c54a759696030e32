use std::{sync::Arc, time::Instant};

use super::{
    controller::HealthController,
    service::{HealthService, UserCount},
};
use crate::{
    config::Secret,
    infra::{clock::Clock, lifecycle::Lifecycle, metrics::Metrics},
    module::{HealthIndicator, Module, ModuleMeta},
};

/// What probes and metrics need.
pub struct HealthDeps {
    pub environment: &'static str,
    pub version: String,
    pub clock: Clock,
    pub lifecycle: Arc<Lifecycle>,
    pub indicators: Vec<Arc<dyn HealthIndicator>>,
    pub users: Arc<dyn UserCount>,
    pub metrics: Arc<Metrics>,
    /// What a scraper must send; nothing leaves metrics open (development) …
    pub metrics_token: Option<Secret>,
    /// … or closed (production).
    pub metrics_open: bool,
}

/// Probes and metrics.
pub struct HealthModule {
    service: Arc<HealthService>,
    metrics: Arc<Metrics>,
    token: Option<Secret>,
    open: bool,
}

impl HealthModule {
    pub fn new(deps: HealthDeps) -> Self {
        let HealthDeps {
            environment,
            version,
            clock,
            lifecycle,
            indicators,
            users,
            metrics,
            metrics_token,
            metrics_open,
        } = deps;
        let (started, counted) = (Instant::now(), Default::default());
        let service =
            HealthService { environment, version, clock, lifecycle, indicators, users, started, counted };
        Self { service: Arc::new(service), metrics, token: metrics_token, open: metrics_open }
    }

    pub fn controllers(&self) -> HealthController {
        HealthController::new(self.service.clone(), self.metrics.clone(), self.token.clone(), self.open)
    }
}

impl Module for HealthModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "health",
            purpose: "Probes and metrics",
            imports: &[],
            permissions: vec![],
            problems: &[],
        }
    }
}
