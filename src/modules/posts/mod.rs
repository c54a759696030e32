//! Posts and reactions to them.
//!
//! Exports nothing to other modules yet. Leaves out comments, media and the followed feed, which are
//! features of their own.

mod controller;
mod dto;
mod entity;
mod error;
mod examples;
mod module;
mod permissions;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use controller::PostsController;
pub use dto::NewPost;
pub use module::{PostsDeps, PostsModule};
pub use service::PostsService;
