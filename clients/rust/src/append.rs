use std::pin::pin;

use futures_util::stream::{Stream, StreamExt};
use tonic::Code;

use crate::client::Client;
use crate::delivery::{Delivery, Event, Progress};
use crate::error::{Error, SendError};
use crate::item::Item;
use crate::patience::Patience;
use crate::send::SendOptions;
use crate::wire;

impl Client {
    /// Sends like [`Client::send`], by one call for each batch, where a stream is awkward. The only snapshot is that at
    /// the end.
    pub async fn append<E>(
        &self,
        session: &str,
        items: impl Stream<Item = Result<Item, E>>,
        options: &SendOptions,
        on_event: impl FnMut(Event),
    ) -> Result<Progress, SendError<E>> {
        let mut source = pin!(items);
        let mut delivery = Delivery::new(options, on_event)?;
        delivery.attach(self.get_session(session).await?)?;
        while let Some(item) = source.next().await {
            delivery.window.push(item.map_err(SendError::Source)?)?;
            self.append_due(session, &mut delivery, options).await?;
        }
        delivery.window.finish()?;
        self.append_due(session, &mut delivery, options).await?;
        delivery.show(self.get_snapshot(session).await?);
        Ok(delivery.progress())
    }

    /// Sends what is due. While the server is away and patience lasts, a call is made again: the offset makes that safe.
    async fn append_due<F: FnMut(Event)>(
        &self,
        session: &str,
        delivery: &mut Delivery<F>,
        options: &SendOptions,
    ) -> Result<(), Error> {
        let mut patience = Patience::new(options.patience);
        while delivery.window.is_due(delivery.window.base()) {
            let batch = Some(delivery.window.batch(delivery.window.base()));
            let message = wire::AppendPredictionsRequest {
                session: session.into(),
                batch,
            };
            match self.stub().append_predictions(message).await.map_err(Error::from) {
                Ok(response) => {
                    let response = response.into_inner();
                    delivery.reject(response.rejections);
                    delivery.acknowledge(response.ack.unwrap_or_default());
                    patience.renew();
                }
                Err(gap) if gap.code == Code::OutOfRange => {
                    delivery.attach(self.get_session(session).await?)?; // fails when the server lost what it acknowledged
                    return Err(gap);
                }
                Err(error) => patience.wait(error).await?,
            }
        }
        Ok(())
    }
}
