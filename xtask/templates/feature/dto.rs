use poem_openapi::Object;
use serde::Serialize;
use validator::Validate;

use super::{
    entity::{Model, WidgetChangeKind, WidgetId},
    store::ChangeRow,
};
use crate::wire::{Text, Timestamp};

/// What a new ~widget~ is made of.
#[derive(Debug, Clone, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct NewWidget {
    /// Plain text; kept as typed, never interpreted.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Text,
}

/// What to change about one's ~widget~.
#[derive(Debug, Clone, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct WidgetEdit {
    /// Plain text; kept as typed, never interpreted.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub title: Text,
}

/// One ~widget~, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "Widget", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct WidgetDto {
    pub id: WidgetId,
    pub title: String,
    pub created_at: Timestamp,
    #[oai(nullable)]
    pub edited_at: Option<Timestamp>,
}

/// Something that happened to one of my ~widgets~.
#[derive(Debug, Clone, PartialEq, Object, Serialize)]
#[oai(rename = "WidgetChange", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct WidgetChangeDto {
    /// Grows by one with every change; nothing is left out.
    pub seq: i64,
    pub kind: WidgetChangeKind,
    pub at: Timestamp,
    /// Which one it happened to.
    pub id: WidgetId,
    /// As it is by now; null when it is gone.
    #[oai(nullable)]
    pub now: Option<WidgetDto>,
}

impl From<Model> for WidgetDto {
    fn from(model: Model) -> Self {
        let Model { id, owner_id: _, title, version: _, created_at, edited_at } = model;
        Self { id, title, created_at: created_at.into(), edited_at: edited_at.map(Into::into) }
    }
}

impl From<ChangeRow> for WidgetChangeDto {
    fn from(row: ChangeRow) -> Self {
        let ChangeRow { seq, kind, at, id, now } = row;
        Self { seq, kind, at: at.into(), id, now: now.map(Into::into) }
    }
}
