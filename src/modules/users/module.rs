use std::sync::Arc;

use super::{
    controller::{BlocksController, UsersController},
    error, permissions,
    service::UsersService,
};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
    realtime::{Notices, OwnFacts, Presence, Streams},
};

/// What users need.
pub struct UsersDeps {
    pub db: Db,
    pub clock: Clock,
    pub notices: Arc<Notices>,
    pub streams: Streams,
    pub presence: Presence,
}

/// People and their profiles.
pub struct UsersModule {
    service: Arc<UsersService>,
}

impl UsersModule {
    pub fn new(deps: UsersDeps) -> Self {
        Self { service: Arc::new(UsersService::new(deps)) }
    }

    /// Looking people up, for other modules.
    pub fn service(&self) -> Arc<UsersService> {
        self.service.clone()
    }

    pub fn controllers(&self) -> (UsersController, BlocksController) {
        (UsersController::new(self.service.clone()), BlocksController::new(self.service.clone()))
    }
}

impl Module for UsersModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "users",
            purpose: "People, their profiles and whom they block",
            imports: &[],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadUsers>(),
                PermissionMeta::of::<permissions::EditProfile>(),
            ],
            problems: error::CODES,
        }
    }

    fn own_facts(&self) -> Vec<Arc<dyn OwnFacts>> {
        vec![self.service.clone()]
    }
}
