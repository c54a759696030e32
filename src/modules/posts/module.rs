use std::sync::Arc;

use super::{controller::PostsController, error, permissions, service::PostsService};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
};

/// What posts need.
pub struct PostsDeps {
    pub db: Db,
    pub clock: Clock,
}

/// Posts and reactions.
pub struct PostsModule {
    service: Arc<PostsService>,
}

impl PostsModule {
    pub fn new(PostsDeps { db, clock }: PostsDeps) -> Self {
        Self { service: Arc::new(PostsService::new(db, clock)) }
    }

    pub fn controllers(&self) -> PostsController {
        PostsController::new(self.service.clone())
    }

    /// Writing posts, for the seed.
    pub fn service(&self) -> Arc<PostsService> {
        self.service.clone()
    }
}

impl Module for PostsModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "posts",
            purpose: "Posts and reactions",
            imports: &["users"],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadPosts>(),
                PermissionMeta::of::<permissions::WritePosts>(),
            ],
            problems: error::CODES,
        }
    }
}
