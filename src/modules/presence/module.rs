use std::sync::Arc;

use super::{
    controller::PresenceController,
    gateway::PresenceGateway,
    permissions,
    service::{CirclePort, LastSeenPort, PresenceService},
};
use crate::{
    module::{Chore, Module, ModuleMeta, PermissionMeta},
    realtime::{Namespace, Presence},
};

/// What presence needs.
pub struct PresenceDeps {
    pub presence: Presence,
    pub circle: Arc<dyn CirclePort>,
    pub last_seen: Arc<dyn LastSeenPort>,
}

/// Who is connected.
pub struct PresenceModule {
    service: Arc<PresenceService>,
}

impl PresenceModule {
    pub fn new(deps: PresenceDeps) -> Self {
        Self { service: Arc::new(PresenceService::new(deps)) }
    }

    pub fn controllers(&self) -> PresenceController {
        PresenceController::new(self.service.clone())
    }
}

impl Module for PresenceModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "presence",
            purpose: "Who is connected",
            imports: &[],
            permissions: vec![PermissionMeta::of::<permissions::ReadPresence>()],
            problems: &[],
        }
    }

    fn chores(&self) -> Vec<Chore> {
        vec![Box::pin(self.service.clone().run())]
    }

    fn gateways(&self, ns: &mut Namespace) {
        PresenceGateway::new(self.service.clone()).mount(ns);
    }
}
