use std::sync::Arc;

use super::{controller::UsersController, error, permissions, service::UsersService, store::UsersStore};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
};

/// What users need.
pub struct UsersDeps {
    pub db: Db,
    pub clock: Clock,
}

/// People and their profiles.
pub struct UsersModule {
    service: Arc<UsersService>,
}

impl UsersModule {
    pub fn new(UsersDeps { db, clock }: UsersDeps) -> Self {
        Self { service: Arc::new(UsersService::new(UsersStore::new(db), clock)) }
    }

    /// Looking people up, for other modules.
    pub fn service(&self) -> Arc<UsersService> {
        self.service.clone()
    }

    pub fn controllers(&self) -> UsersController {
        UsersController::new(self.service.clone())
    }
}

impl Module for UsersModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "users",
            purpose: "People and their profiles",
            imports: &[],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadUsers>(),
                PermissionMeta::of::<permissions::EditProfile>(),
            ],
            problems: error::CODES,
        }
    }
}
