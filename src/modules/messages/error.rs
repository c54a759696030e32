use sea_orm::DbErr;

use super::store::Closed;
use crate::problem::Problem;

crate::kinds! {
    NotTheOwner = "E_NOT_THE_OWNER", 403, "Only the conversation's owner may do this";
        cause: "Roles are given, and admins removed, by the owner of a group.";
        mend: "Ask the owner.";
    NotAnAdmin = "E_NOT_AN_ADMIN", 403, "Only the group's owner and admins may do this";
        cause: "A group is renamed, and members are added and removed, by its owner and its admins.";
        mend: "Ask one of them.";
    OwnerNeeded = "E_OWNER_NEEDED", 409, "A group has an owner";
        cause: "The owner was to become something else, and nobody the owner.";
        mend: "Make somebody else the owner: that makes you an admin.";
    NotTheSender = "E_NOT_THE_SENDER", 403, "Only its sender may do this";
        cause: "Somebody else sent the message.";
        mend: "Offer it only where `senderId` is the signed-in user; deleting also to the owner and the admins of a group.";
    TooLateToEdit = "E_TOO_LATE_TO_EDIT", 409, "The message can't be edited any more";
        cause: "It was sent longer ago than MESSAGE_EDIT_MINUTES, or editing is switched off.";
        mend: "Send another message, or delete this one.";
    MessageGone = "E_MESSAGE_GONE", 409, "The message is gone";
        cause: "It was deleted for everyone, or has expired; only its place is left.";
        mend: "Show it as gone: `deletedAt` says since when.";
    TooManyEmoji = "E_TOO_MANY_EMOJI", 409, "A message has only so many different emoji";
        cause: "Its readers react with as many different emoji as there may be.";
        mend: "Offer those that it has already.";
    MessageIdTaken = "E_MESSAGE_ID_TAKEN", 409, "Another message has this id";
        cause: "The conversation holds a message of this messageId with another sender or other content.";
        mend: "Send it with a new messageId; the same one is for repeating the same message.";
    BlockedThem = "E_BLOCKED_THEM", 409, "You have blocked this person";
        cause: "Nobody writes to somebody they have blocked.";
        mend: "Take the block back first.";
    Unreachable = "E_UNREACHABLE", 403, "This person can't be reached";
        cause: "The other one of a direct conversation may not sign in any more, or takes no messages from you.";
        mend: "Nothing that you could do; what was said can still be read.";
    DirectIsFixed = "E_DIRECT_IS_FIXED", 409, "A direct conversation stays as it is";
        cause: "A conversation of two without a name was to be changed: its members, their roles, or its name.";
        mend: "Begin a group instead.";
}

/// What can go wrong with conversations.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// It doesn't exist, or the asker isn't a member: the same to them.
    #[error("no such conversation")]
    NotFound,
    #[error("no such member")]
    NoSuchMember,
    #[error("no such message")]
    NoSuchMessage,
    #[error("only its sender may do this")]
    NotTheSender,
    #[error("the message is older than messages may be edited")]
    TooLateToEdit,
    #[error("the message was deleted or has expired")]
    Gone,
    #[error("the message has as many different emoji as it may")]
    TooManyEmoji { most: usize },
    #[error("another message has this id")]
    IdTaken,
    #[error("the message that is replied to isn't in the conversation")]
    NoSuchReply,
    #[error("a direct conversation stays as it is")]
    DirectIsFixed,
    #[error("the sender has blocked the other one")]
    BlockedThem,
    #[error("the other one is suspended, or has blocked the sender")]
    Unreachable,
    #[error("only the owner may do this")]
    NotTheOwner,
    #[error("only the owner and admins may do this")]
    NotAnAdmin,
    #[error("a group has an owner")]
    OwnerNeeded,
    #[error("more members than a conversation may have")]
    TooManyMembers { most: usize },
    #[error("muted until a moment that has passed")]
    InThePast,
    #[error("the mark is past the newest event")]
    PastTheHead(i64),
    #[error(transparent)]
    Database(#[from] DbErr),
    #[error(transparent)]
    Other(#[from] Problem),
}

impl From<Closed> for MessageError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::BlockedThem => Self::BlockedThem,
            Closed::Unreachable => Self::Unreachable,
        }
    }
}

impl From<MessageError> for Problem {
    fn from(error: MessageError) -> Self {
        match error {
            MessageError::NotFound => Self::not_found("conversation"),
            MessageError::NoSuchMember => Self::not_found("member"),
            MessageError::NoSuchMessage => Self::not_found("message"),
            MessageError::NotTheSender => Self::of::<NotTheSender>("Ask whoever sent it."),
            MessageError::TooLateToEdit => Self::of::<TooLateToEdit>("Send another message."),
            MessageError::Gone => Self::of::<MessageGone>("Show it as gone."),
            MessageError::TooManyEmoji { most } => {
                Self::of::<TooManyEmoji>(format!("React with one of the {most} that it has already."))
            }
            MessageError::IdTaken => Self::of::<MessageIdTaken>("Send it with a new messageId."),
            MessageError::NoSuchReply => {
                Self::invalid_field("/replyTo", "no_such_message", "must name a message of this conversation")
            }
            MessageError::DirectIsFixed => Self::of::<DirectIsFixed>("Begin a group instead."),
            MessageError::BlockedThem => Self::of::<BlockedThem>("Take the block back first."),
            MessageError::Unreachable => Self::of::<Unreachable>("They don't get any messages from you."),
            MessageError::NotTheOwner => Self::of::<NotTheOwner>("Ask the owner."),
            MessageError::NotAnAdmin => Self::of::<NotAnAdmin>("Ask the owner or an admin."),
            MessageError::OwnerNeeded => Self::of::<OwnerNeeded>("Make somebody else the owner first."),
            MessageError::TooManyMembers { most } => Self::invalid_field(
                "/userIds",
                "too_many",
                format!("a conversation has at most {most} members"),
            ),
            MessageError::PastTheHead(head) => {
                Self::invalid_field("/seq", "too_large", format!("must be at most {head}, the newest event"))
            }
            MessageError::InThePast => Self::invalid_field("/until", "in_the_past", "must be in the future"),
            MessageError::Database(error) => error.into(),
            MessageError::Other(problem) => problem,
        }
    }
}
