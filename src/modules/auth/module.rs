use std::{sync::Arc, time::Duration};

use super::{
    controller::AuthController,
    error,
    gateway::AuthGateway,
    hasher::Hasher,
    refresh_token::RefreshKey,
    service::{AuthService, AuthServiceDeps},
    sessions::Sessions,
};
use crate::{
    config::Secret,
    guards::Gate,
    infra::{clock::Clock, db::Db, metrics::Metrics},
    module::{Chore, Module, ModuleMeta},
    realtime::{Namespace, OwnFacts, Streams},
};

/// What signing in needs.
pub struct AuthDeps {
    pub db: Db,
    pub clock: Clock,
    pub metrics: Arc<Metrics>,
    pub gate: Arc<Gate>,
    pub sessions: Arc<Sessions>,
    pub streams: Streams,
    /// Keys the refresh tokens' HMAC.
    pub refresh_secret: Secret,
    /// Of a session, from its login on.
    pub refresh_ttl: Duration,
    /// Characters.
    pub password_min: usize,
    /// Password hashes computed at once.
    pub hashers: usize,
}

/// Registration, login, refresh, logout, sessions.
pub struct AuthModule {
    service: Arc<AuthService>,
    gate: Arc<Gate>,
    sessions: Arc<Sessions>,
}

impl AuthModule {
    pub fn new(deps: AuthDeps) -> Self {
        let AuthDeps {
            db,
            clock,
            metrics,
            gate,
            sessions,
            streams,
            refresh_secret,
            refresh_ttl,
            password_min,
            hashers,
        } = deps;
        let service = AuthService::new(AuthServiceDeps {
            db,
            clock,
            gate: gate.clone(),
            sessions: sessions.clone(),
            streams,
            hasher: Hasher::new(hashers, metrics),
            refresh_key: RefreshKey::new(&refresh_secret),
            refresh_ttl,
            password_min,
        });
        Self { service: Arc::new(service), gate, sessions }
    }

    pub fn controllers(&self) -> AuthController {
        AuthController::new(self.service.clone())
    }

    /// Signing people up, for the seed.
    pub fn service(&self) -> Arc<AuthService> {
        self.service.clone()
    }
}

impl Module for AuthModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "auth",
            purpose: "Registering, signing in and out, sessions",
            imports: &["users"],
            permissions: vec![],
            problems: error::CODES,
        }
    }

    fn gateways(&self, ns: &mut Namespace) {
        AuthGateway::new(self.gate.clone()).mount(ns);
    }

    fn chores(&self) -> Vec<Chore> {
        vec![Box::pin(self.service.give_memory_back())]
    }

    fn own_facts(&self) -> Vec<Arc<dyn OwnFacts>> {
        vec![self.sessions.clone()]
    }
}
