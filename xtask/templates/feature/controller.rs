use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Header, Path, Query},
};

use super::{
    dto::{NewWidget, WidgetDto, WidgetEdit},
    entity::WidgetId,
    permissions::{ReadWidgets, WriteWidgets},
    service::WidgetsService,
};
use crate::{
    guards::{Can, IdempotencyKey},
    problem::{Refusal, codes::NotFound},
    wire::{Created, IfMatch, NoContent, Page, PageQuery, Reply, Valid, Versioned},
};

/// ~Widgets~ over REST.
pub struct WidgetsController {
    service: Arc<WidgetsService>,
}

impl WidgetsController {
    pub fn new(service: Arc<WidgetsService>) -> Self {
        Self { service }
    }
}

#[derive(Tags)]
enum Tag {
    /// ~Widgets~ of one's own; the same over Socket.IO.
    Widgets,
}

#[OpenApi(tag = "Tag::Widgets")]
impl WidgetsController {
    /// Make one more ~widget~
    ///
    /// With the same `Idempotency-Key` again, the one of the first time; 404 when it has been deleted since.
    #[oai(path = "/widgets-path", method = "post", operation_id = "createWidget")]
    async fn create(
        &self,
        who: Can<WriteWidgets>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<IdempotencyKey>>,
        body: Valid<NewWidget>,
    ) -> Result<Created<WidgetDto>, Refusal<NotFound>> {
        let body = self.service.create(who.user_id, body.0, key.0).await?;
        Ok(Created { location: format!("/widgets-path/{}", body.id), body })
    }

    /// My ~widgets~, newest first
    ///
    /// Nobody else's are among them.
    #[oai(path = "/widgets-path", method = "get", operation_id = "listWidgets")]
    async fn list(
        &self,
        who: Can<ReadWidgets>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<WidgetDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.service.list(who.user_id, page).await?))
    }

    /// One ~widget~ of mine; its `ETag` names the version
    ///
    /// With that `ETag` as `If-Match`, a change is made only to what I have seen.
    #[oai(path = "/widgets-path/:id", method = "get", operation_id = "getWidget")]
    async fn read(
        &self,
        who: Can<ReadWidgets>,
        /// Which of them.
        id: Path<WidgetId>,
    ) -> Result<Versioned<WidgetDto>, Refusal<NotFound>> {
        let (body, version) = self.service.read(who.user_id, id.0).await?;
        Ok(Versioned { body, version })
    }

    /// Change my ~widget~
    ///
    /// With `If-Match`, only if it is still that version.
    #[oai(path = "/widgets-path/:id", method = "patch", operation_id = "editWidget")]
    async fn edit(
        &self,
        who: Can<WriteWidgets>,
        /// Which of them.
        id: Path<WidgetId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
        body: Valid<WidgetEdit>,
    ) -> Result<Versioned<WidgetDto>, Refusal<NotFound>> {
        let (body, version) =
            self.service.edit(who.user_id, id.0, body.0, IfMatch::parse(seen.0)?).await?;
        Ok(Versioned { body, version })
    }

    /// Delete my ~widget~
    ///
    /// With `If-Match`, only if it is still that version.
    #[oai(path = "/widgets-path/:id", method = "delete", operation_id = "deleteWidget")]
    async fn delete(
        &self,
        who: Can<WriteWidgets>,
        /// Which of them.
        id: Path<WidgetId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
    ) -> Result<NoContent, Refusal<NotFound>> {
        self.service.delete(who.user_id, id.0, IfMatch::parse(seen.0)?).await?;
        Ok(NoContent)
    }
}
