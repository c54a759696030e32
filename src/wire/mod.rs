//! What travels, and the shapes it travels in: ids, times, bodies, answers, pages.
//!
//! Exports the extractors and answers that controllers and gateways are written with. One check,
//! against the very schema that the API document shows, serves REST bodies and socket payloads alike.
//! Left out on purpose: anything that knows a feature.

mod catch_up;
mod emoji;
mod id;
mod page;
mod reply;
mod schema;
mod text;
mod time;
mod valid;
mod version;

pub use catch_up::{CatchUp, Head};
pub use emoji::Emoji;
pub(crate) use id::id;
pub use id::{ConversationId, MessageId, SessionId, StreamId, UserId};
pub use page::{Cursor, Page, PageQuery};
pub use reply::{Created, NoContent, Reply, Stored, Versioned};
pub use schema::{Schema, Schemas, null_as_type, validator};
pub use text::Text;
pub use time::Timestamp;
pub use valid::{MaxBody, Valid};
pub use version::{IfMatch, is_held};
