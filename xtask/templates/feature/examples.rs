//! What the documents show.

use poem_openapi::types::Example;

use super::{
    dto::{NewWidget, WidgetChangeDto, WidgetDto, WidgetEdit},
    entity::{WidgetChangeKind, WidgetId},
    events::FollowPayload,
};
use crate::wire::{Text, Timestamp};

impl Example for NewWidget {
    fn example() -> Self {
        Self { title: Text("A first ~widget~".into()) }
    }
}

impl Example for WidgetEdit {
    fn example() -> Self {
        Self { title: Text("A better title".into()) }
    }
}

impl Example for WidgetDto {
    fn example() -> Self {
        Self {
            id: WidgetId::example(),
            title: NewWidget::example().title.0,
            created_at: Timestamp::example(),
            edited_at: None,
        }
    }
}

impl Example for WidgetChangeDto {
    fn example() -> Self {
        Self {
            seq: 1,
            kind: WidgetChangeKind::Created,
            at: Timestamp::example(),
            id: WidgetId::example(),
            now: Some(WidgetDto::example()),
        }
    }
}

impl Example for FollowPayload {
    fn example() -> Self {
        Self { after: 0 }
    }
}
