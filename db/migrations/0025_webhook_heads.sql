-- head marks the oldest delivery of a customer that is pending: the only one of them that may be sent.
ALTER TABLE webhook_deliveries ADD COLUMN head INTEGER NOT NULL DEFAULT 0 CHECK (head IN (0, 1) AND (head = 0 OR status = 'PENDING'));
UPDATE webhook_deliveries SET head = 1 WHERE status = 'PENDING' AND NOT EXISTS (SELECT 1 FROM webhook_deliveries x
  WHERE x.org = webhook_deliveries.org AND x.webhook = webhook_deliveries.webhook AND x.customer = webhook_deliveries.customer
    AND x.status = 'PENDING' AND x.event < webhook_deliveries.event);
DROP INDEX webhook_deliveries_due;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (org, webhook, next_at, event) WHERE head = 1;
CREATE UNIQUE INDEX webhook_deliveries_head ON webhook_deliveries (org, webhook, customer) WHERE head = 1;
