//! Socket.IO: who is connected, which events they may send, and the streams that are pushed to them.
//!
//! Exports [`Namespace`] (events and their guards), [`Streams`] (durable facts in order), [`Sockets`]
//! (who is connected), [`Presence`] (and what others see of it), [`Transports`] (what they are connected through), the [`Bus`] between nodes and
//! the [`Feed`] of what they have stored.
//! Left out on purpose: what the events mean. That is the modules'.

mod addresses;
mod blocked;
mod bus;
mod census;
mod client;
mod connect;
mod drain;
mod emitter;
mod event;
mod feed;
mod handshake;
mod io;
mod limits;
mod mailbox;
mod namespace;
mod notices;
mod outbox;
mod pace;
mod packet;
mod parser;
mod presence;
mod reply;
mod sockets;
mod streams;
mod transports;

pub use addresses::{Addresses, Place};
pub use blocked::BlocksPort;
pub use bus::{Bus, Condition, Exchange, Notice};
pub use census::Census;
pub use client::Client;
pub use connect::{Connector, ConnectorDeps};
pub use emitter::Emitter;
pub use event::{ClientEvent, EventMeta, Nothing, PushMeta, ServerEvent, Shape};
use event::{Draining, Revoked};
pub use feed::{Feed, FeedDeps};
pub use io::{Adapter, Io, IoServices, Ios, Terms, io_services};
pub use namespace::Namespace;
pub use notices::Notices;
pub use outbox::Outbox;
pub use pace::Pace;
pub use packet::Packet;
pub use parser::Parser;
pub use presence::{Onlookers, Presence, PresenceDto, Sight, Watching};
pub use reply::Reply;
pub use sockets::Sockets;
pub use streams::{
    AppendMany, Fact, Forgets, Joining, Noted, Outcome, OwnFacts, OwnSource, Pushed, Retention, Slot,
    StreamSource, Streams, Together, event_rows, stream_rows, unknown,
};
pub use transports::{Connection, Transports, Way};
