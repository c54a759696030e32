//! Conversations and messages, over REST and Socket.IO.
//!
//! Built on streams: a conversation has the stream of its id, a message is one event in it. Exports
//! [`MessagesService`] for the seed. Leaves out who is connected (presence).

mod chores;
mod controller;
mod dto;
mod entity;
mod error;
mod events;
mod examples;
mod gateway;
mod module;
mod permissions;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use controller::{
    MarksController, MembersController, MessageController, MessagesController, SearchController,
};
pub use dto::{NewConversation, NewMessage};

pub use module::{MessagesDeps, MessagesModule};
pub use service::{MessagesService, PeoplePort};
