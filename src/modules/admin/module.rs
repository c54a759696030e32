use std::sync::Arc;

use super::{
    controller::{AdminController, JobsController},
    error, permissions,
    service::{AdminService, AdminServiceDeps, SessionsPort},
};
use crate::{
    guards::Gate,
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
    realtime::{Sockets, Streams},
};

/// What administering needs.
pub struct AdminDeps {
    pub db: Db,
    pub clock: Clock,
    pub gate: Arc<Gate>,
    pub sockets: Arc<Sockets>,
    pub streams: Streams,
    pub sessions: Arc<dyn SessionsPort>,
}

/// Accounts, jobs, figures, audit.
pub struct AdminModule {
    service: Arc<AdminService>,
}

impl AdminModule {
    pub fn new(AdminDeps { db, clock, gate, sockets, streams, sessions }: AdminDeps) -> Self {
        let service = AdminService::new(AdminServiceDeps { db, clock, gate, sockets, streams, sessions });
        Self { service: Arc::new(service) }
    }

    pub fn controllers(&self) -> (AdminController, JobsController) {
        (AdminController::new(self.service.clone()), JobsController::new(self.service.clone()))
    }

    /// Making an administrator, for the command line.
    pub fn service(&self) -> Arc<AdminService> {
        self.service.clone()
    }
}

impl Module for AdminModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "admin",
            purpose: "Administering accounts and jobs",
            imports: &["users"],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadAccounts>(),
                PermissionMeta::of::<permissions::ManageAccounts>(),
                PermissionMeta::of::<permissions::ReadStats>(),
                PermissionMeta::of::<permissions::ReadAudit>(),
                PermissionMeta::of::<permissions::ReadJobs>(),
                PermissionMeta::of::<permissions::ManageJobs>(),
            ],
            problems: error::CODES,
        }
    }
}
