//! The features: which there are, and what each is built with.

use std::sync::Arc;

use poem_openapi::OpenApi;

use super::{
    ground::Ground,
    ports::{Circle, People},
};
use crate::{module::Module, modules::*};

/// Makes [`Modules`] of a table of features. What is in the table is built, mounted and documented:
/// none of these can be forgotten, for there is nowhere else to say it.
macro_rules! modules {
    (|$ground:ident| $($name:ident: $module:ty = $deps:expr;)+) => {
        /// All features that stand under the API's prefix.
        pub struct Modules {
            $(pub $name: $module,)+
        }

        impl Modules {
            pub(super) fn build($ground: &Ground) -> Self {
                $(let $name = <$module>::new($deps);)+
                Self { $($name),+ }
            }

            /// In the order of the table.
            pub fn all(&self) -> Vec<&dyn Module> {
                vec![$(&self.$name),+]
            }

            /// Their operations.
            pub fn controllers(&self) -> impl OpenApi + use<> {
                modules!(@pairs self $($name)+)
            }
        }
    };
    // Pairs of pairs, because a tuple of operations has no more than sixteen members.
    (@pairs $self:ident $first:ident $($rest:ident)*) => {
        ($self.$first.controllers(), modules!(@pairs $self $($rest)*))
    };
    (@pairs $self:ident) => { () };
}

// One line a feature: its name, its type, and the fields it is built with. It may ask those above it.
modules! { |on|
    auth: auth::AuthModule = auth::AuthDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        metrics: on.metrics.clone(),
        gate: on.gate.clone(),
        sessions: on.sessions.clone(),
        streams: on.streams.clone(),
        refresh_secret: on.config.auth.refresh_secret.clone().unwrap_or(on.secret.clone()),
        refresh_ttl: on.config.auth.refresh_ttl,
        password_min: on.config.auth.password_min,
        hashers: on.config.auth.hashers,
    };
    users: users::UsersModule = users::UsersDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        notices: on.notices.clone(),
        streams: on.streams.clone(),
        presence: on.presence.clone(),
    };
    posts: posts::PostsModule = posts::PostsDeps { db: on.db.clone(), clock: on.clock.clone() };
    messages: messages::MessagesModule = messages::MessagesDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        streams: on.streams.clone(),
        sockets: on.sockets.clone(),
        people: Arc::new(People(users.service())),
        edit_within: on.config.messages.edit_within,
        keep_for: on.config.retention.messages,
    };
    presence: presence::PresenceModule = presence::PresenceDeps {
        presence: on.presence.clone(),
        circle: Arc::new(Circle(messages.service())),
        last_seen: Arc::new(People(users.service())),
    };
    admin: admin::AdminModule = admin::AdminDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        gate: on.gate.clone(),
        sockets: on.sockets.clone(),
        streams: on.streams.clone(),
        sessions: on.sessions.clone(),
    };
}
