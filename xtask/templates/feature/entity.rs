//! The table of ~widgets~.

use poem_openapi::Enum;
use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::wire::UserId;

crate::wire::id!(
    /// One ~widget~.
    WidgetId, "~uuid~"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "widgets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WidgetId,
    pub owner_id: UserId,
    pub title: String,
    /// Grows with every edit.
    pub version: i32,
    pub created_at: DateTimeUtc,
    pub edited_at: Option<DateTimeUtc>,
}

/// What happened to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Enum, Serialize, EnumIter, DeriveActiveEnum)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "camelCase")]
pub enum WidgetChangeKind {
    Created,
    Edited,
    Deleted,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
