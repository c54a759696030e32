use std::sync::Arc;

use super::{controller::InboxController, service::InboxService};
use crate::{
    module::{Module, ModuleMeta},
    realtime::OwnSource,
};

/// What reading one's own stream needs.
pub struct InboxDeps {
    /// All that modules note in people's own streams.
    pub own: Arc<OwnSource>,
}

/// My own stream.
pub struct InboxModule {
    service: Arc<InboxService>,
}

impl InboxModule {
    pub fn new(InboxDeps { own }: InboxDeps) -> Self {
        Self { service: Arc::new(InboxService::new(own)) }
    }

    pub fn controllers(&self) -> InboxController {
        InboxController::new(self.service.clone())
    }
}

impl Module for InboxModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "inbox",
            purpose: "What concerns me alone",
            imports: &[],
            permissions: vec![],
            problems: &[],
        }
    }
}
