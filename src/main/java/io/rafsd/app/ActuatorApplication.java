package io.rafsd.app;

import io.rafsd.app.actuator.ActuatorConfiguration;
import io.rafsd.app.actuator.WebServerFiles;
import io.rafsd.app.config.RafsdProperties;
import io.rafsd.app.metrics.MetricsConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;

/** Health, metrics and endpoints over TCP: what Spring Boot adds to the parts of a daemon where somebody wants to look. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableConfigurationProperties(RafsdProperties.class)
@Import({ActuatorConfiguration.class, WebServerFiles.class, MetricsConfiguration.class})
class ActuatorApplication {}
