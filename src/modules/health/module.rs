use std::sync::Arc;

use super::{
    controller::HealthController,
    service::{HealthDeps, HealthService},
};
use crate::{
    config::Secret,
    module::{Module, ModuleMeta},
};

/// What showing metrics needs.
pub struct MetricsDeps {
    /// Their text, as it is at the moment.
    pub text: Arc<dyn Fn() -> String + Send + Sync>,
    /// What a scraper must send; nothing leaves metrics open (development) …
    pub token: Option<Secret>,
    /// … or closed (production).
    pub open: bool,
}

/// Probes and metrics.
pub struct HealthModule {
    service: Arc<HealthService>,
    metrics: MetricsDeps,
}

impl HealthModule {
    pub fn new(health: HealthDeps, metrics: MetricsDeps) -> Self {
        Self { service: Arc::new(HealthService::new(health)), metrics }
    }

    pub fn controllers(&self) -> HealthController {
        let MetricsDeps { text, token, open } = &self.metrics;
        HealthController::new(self.service.clone(), text.clone(), token.clone(), *open)
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
