use std::sync::Arc;

use super::{
    controller::WidgetsController, gateway::WidgetsGateway, permissions, service::WidgetsService,
};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
    realtime::{Namespace, Streams},
};

/// What ~widgets~ need.
pub struct WidgetsDeps {
    pub db: Db,
    pub clock: Clock,
    pub streams: Streams,
}

/// ~Widgets~, each its owner's own.
pub struct WidgetsModule {
    service: Arc<WidgetsService>,
    streams: Streams,
}

impl WidgetsModule {
    pub fn new(WidgetsDeps { db, clock, streams }: WidgetsDeps) -> Self {
        Self { service: Arc::new(WidgetsService::new(db, clock, streams.clone())), streams }
    }

    /// The rules, for whoever else needs them.
    pub fn service(&self) -> Arc<WidgetsService> {
        self.service.clone()
    }

    pub fn controllers(&self) -> WidgetsController {
        WidgetsController::new(self.service.clone())
    }
}

impl Module for WidgetsModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "widgets",
            purpose: "~Widgets~ of one's own",
            imports: &[],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadWidgets>(),
                PermissionMeta::of::<permissions::WriteWidgets>(),
            ],
            problems: &[],
        }
    }

    fn gateways(&self, ns: &mut Namespace) {
        WidgetsGateway::new(self.service.clone(), self.streams.clone()).mount(ns);
    }
}
