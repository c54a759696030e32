//! What a feature module is, and what it may offer to the program.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::{
    guards::Role,
    jobs::{Handler, Schedule},
    problem::Code,
    realtime::{Namespace, OwnFacts},
};

/// A feature: built from its dependencies by `app.rs`, asked for what it offers.
///
/// Its controllers aren't here, because `OpenApi` isn't object-safe: `app.rs` composes them.
pub trait Module: Send + Sync {
    fn meta(&self) -> ModuleMeta;

    /// Adds its socket events, each with its guard.
    fn gateways(&self, _: &mut Namespace) {}

    /// What it notes in people's own streams.
    fn own_facts(&self) -> Vec<Arc<dyn OwnFacts>> {
        Vec::new()
    }

    /// The jobs that it does.
    fn jobs(&self) -> Vec<Handler> {
        Vec::new()
    }

    /// Those that are ordered again and again.
    fn schedules(&self) -> Vec<Schedule> {
        Vec::new()
    }

    /// What it does beside the requests on each node, from the start on; dropped when the program stops.
    fn chores(&self) -> Vec<Chore> {
        Vec::new()
    }

    /// What must work for it to work.
    fn health(&self) -> Vec<Arc<dyn HealthIndicator>> {
        Vec::new()
    }
}

/// Work that doesn't end by itself, unlike a job, and that each node has its own of.
pub type Chore = BoxFuture<'static, ()>;

/// What a module says about itself.
#[derive(Debug, Clone)]
pub struct ModuleMeta {
    pub name: &'static str,
    /// In one line.
    pub purpose: &'static str,
    /// The modules whose exports it uses.
    pub imports: &'static [&'static str],
    pub permissions: Vec<PermissionMeta>,
    /// The problems that only it raises.
    pub problems: &'static [&'static Code],
}

/// A question that one module asks and another answers, without knowing each other.
#[derive(Debug, Clone, Copy)]
pub struct Port {
    /// The module that asks.
    pub asks: &'static str,
    /// The trait it asks through.
    pub through: &'static str,
    /// The module that answers.
    pub answers: &'static str,
}

/// A permission and who holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermissionMeta {
    pub name: &'static str,
    pub roles: &'static [Role],
}

impl PermissionMeta {
    pub fn of<P: crate::guards::Permission>() -> Self {
        Self { name: P::NAME, roles: P::ROLES }
    }
}

/// Something that has to work.
#[async_trait]
pub trait HealthIndicator: Send + Sync {
    fn name(&self) -> &'static str;

    /// Whether this node is unfit to serve when it fails; else it is only shown.
    fn is_vital(&self) -> bool {
        true
    }

    /// Resolves when it works, with a remark if there is one; or says what doesn't, without secrets.
    /// Called with a deadline.
    async fn check(&self) -> Result<Option<String>, String>;
}
