-- What is nobody's waits for nothing: each delivery of it that is pending is a head of its own.
DROP INDEX webhook_deliveries_head;
CREATE UNIQUE INDEX webhook_deliveries_head ON webhook_deliveries (org, webhook, customer) WHERE head = 1 AND customer <> 0;
UPDATE webhook_deliveries SET head = 1 WHERE status = 'PENDING' AND customer = 0;
