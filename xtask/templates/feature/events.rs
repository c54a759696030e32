//! What a client may ask over a socket, and what its owner's devices are told.

use poem_openapi::Object;
use validator::Validate;

use super::dto::{NewWidget, WidgetChangeDto, WidgetDto};
use crate::{
    problem::codes::TooManyFollowed,
    realtime::{ClientEvent, Nothing, ServerEvent},
    wire::CatchUp,
};

/// `followWidgets`.
pub struct Follow;

impl ClientEvent for Follow {
    const NAME: &'static str = "followWidgets";
    const SUMMARY: &'static str = "Follow my ~widgets~, and get what changed after a place";
    type Payload = FollowPayload;
    type Ack = CatchUp<WidgetChangeDto>;
    type Refusals = TooManyFollowed;
}

/// `unfollowWidgets`.
pub struct Unfollow;

impl ClientEvent for Unfollow {
    const NAME: &'static str = "unfollowWidgets";
    const SUMMARY: &'static str = "Stop following my ~widgets~";
    type Payload = Nothing;
    type Ack = Nothing;
    type Refusals = ();
}

/// `createWidget`.
pub struct Create;

impl ClientEvent for Create {
    const NAME: &'static str = "createWidget";
    const SUMMARY: &'static str = "Make one more ~widget~; answered once it is stored";
    type Payload = NewWidget;
    type Ack = WidgetDto;
    type Refusals = ();
}

impl ServerEvent for WidgetChangeDto {
    const NAME: &'static str = "widgetCamelChanged";
    const SUMMARY: &'static str = "Something happened to one of the ~widgets~ that I follow";
}

#[derive(Object, Validate)]
#[oai(rename = "FollowWidgets", rename_all = "camelCase", deny_unknown_fields, example)]
pub struct FollowPayload {
    /// The seq of the last change I have; 0 for all that ever happened.
    #[oai(validator(minimum(value = "0")))]
    pub after: i64,
}
