package db

// makeDemoEvents gives the org a kind of event, one that came, and a webhook.
func (tx *Tx) makeDemoEvents(who Who, f fixture) error {
	is := func(kind, value string) EventAttribute { return EventAttribute{kind, value} }
	yes := is("Boolean", "true")
	err := tx.addEventDefinition(who, EventDefinitionInput{Name: "TeaTasting", Label: "Tea tasting", Description: "A customer tastes a tea in the store", Actions: []string{"EMFConsumer", "EIConsumer"}, Fields: []EventField{
		{"mobile", "customer", map[string]EventAttribute{"isRequired": yes, "identifierType": is("ENUM", "mobile"), "source": is("ENUM", "INSTORE"), "addCustomerIfNotExists": yes}},
		{"till", "tillCode", nil},
		{"tea", "string", map[string]EventAttribute{"isRequired": yes, "isUniqueKeyField": yes}},
		{"rating", "double", nil},
		{"coupon", "couponCode", nil},
		{"note", "string", map[string]EventAttribute{"isPsiData": yes}},
	}}, "")
	if err != nil {
		return err
	}
	var t eventTrace
	_, err = tx.addEvent(who, EventInput{Name: "TeaTasting", ID: "3f0c8a52-6f0e-4a4d-9c57-0d6a2b1c5e01", Identifier: Identifier{"mobile", "919845000001"}, Source: "INSTORE",
		Attributes: map[string]string{"tea": "Assam", "rating": "4.5", "note": "Liked it strong"}}, &t)
	if err != nil {
		return err
	}
	o, err := tx.org(who.Org)
	if err != nil {
		return err
	}
	_, err = tx.addEventWebhook(o, who, "defaultTransformer", f.till1, f.webhook)
	return err
}
